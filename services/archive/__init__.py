"""The archive (档案): areas, household sheets, visit notes."""
