"""Read what others wrote down, here or in a process of its own.

What is imported from here is loaded when it is used: a reader is bound before it loads anything.
"""
