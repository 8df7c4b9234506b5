-- How many lines there are in a span.
SELECT count(*) AS lines FROM logs WHERE ts >= $start AND ts < $end;
