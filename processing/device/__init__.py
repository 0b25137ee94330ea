"""The chain of the picture as torch operations, for several people at once on one device. All of it imports torch.

Numbers are those of the chain on the CPU but for rounding: see `tests/processing/device`. Not measured on a GPU yet.
"""
