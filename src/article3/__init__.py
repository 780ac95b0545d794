"""article3: the open planning system for sharing and shifting the burden of NATO's collective defence."""
