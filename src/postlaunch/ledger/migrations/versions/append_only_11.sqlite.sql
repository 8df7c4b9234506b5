CREATE TRIGGER handoffs_stay BEFORE UPDATE ON handoffs
BEGIN SELECT RAISE(ABORT, 'what was handed on is never changed'); END;

CREATE TRIGGER handoffs_remain BEFORE DELETE ON handoffs
BEGIN SELECT RAISE(ABORT, 'what was handed on is never deleted'); END;
