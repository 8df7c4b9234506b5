-- Empties the table of lines that are no rows of a CSV table.
DELETE FROM reject_errors;
