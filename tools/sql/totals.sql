-- Requests of a span.
SELECT count(*) AS requests FROM requests WHERE ts >= $start AND ts < $end;
