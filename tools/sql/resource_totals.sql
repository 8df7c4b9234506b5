-- How many samples there are in a span.
SELECT count(*) AS samples FROM resources WHERE ts >= $start AND ts < $end;
