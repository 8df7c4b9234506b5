CREATE TRIGGER effects_stay BEFORE UPDATE ON effects
BEGIN SELECT RAISE(ABORT, 'what a decision did is never changed'); END;

CREATE TRIGGER effects_remain BEFORE DELETE ON effects
BEGIN SELECT RAISE(ABORT, 'what a decision did is never deleted'); END;
