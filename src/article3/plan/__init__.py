"""Who fields what, by when, with which money, alone or pooled: one function for each family of constraints."""
