"""The benchmarks: what the lesson costs, beside others."""
