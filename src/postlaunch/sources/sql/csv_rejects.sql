-- Lines of a CSV file that are no rows of the table, with how many there are in all.
SELECT line, left(cleaned(any_value(csv_line)), 200), count(*) OVER ()
FROM reject_errors
GROUP BY line
ORDER BY line
LIMIT $samples;
