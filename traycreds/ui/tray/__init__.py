"""The tray: one module for each back end. Draws menu models; decides nothing."""
