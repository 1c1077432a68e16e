"""The same training as others do it: TensorFlow.js and ConvNetJS in a page; Keras, PyTorch, scikit-learn natively."""
