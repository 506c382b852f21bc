"""Everything that puts Sanmin on a machine."""
