-- The piece of the file that is parsed next. As a table of one row: a parameter would be folded to a list of values.
CREATE OR REPLACE TEMP TABLE piece AS SELECT $content AS content;
