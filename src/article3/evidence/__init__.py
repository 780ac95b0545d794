"""Evidence: sources, standings, vintages, lineage, findings, the long table, shipped data, importers."""
