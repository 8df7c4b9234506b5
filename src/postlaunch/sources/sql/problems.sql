-- How many lines of a piece are no requests, by reason.
SELECT problem, count(*), epoch_us(min(ts)) FROM parsed GROUP BY problem;
