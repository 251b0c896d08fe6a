"""Raw columns as matrices for models: everything that is learnt of them is learnt in `fit`, on training rows alone."""
