CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;

CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;

CREATE TRIGGER commitments_stay BEFORE UPDATE ON commitments
BEGIN SELECT RAISE(ABORT, 'a commitment is never changed'); END;

CREATE TRIGGER commitments_remain BEFORE DELETE ON commitments
BEGIN SELECT RAISE(ABORT, 'a commitment is never deleted'); END;
