CREATE TRIGGER feedback_decisions_stay BEFORE UPDATE ON feedback_decisions
BEGIN SELECT RAISE(ABORT, 'a decision about feedback is never changed'); END;

CREATE TRIGGER feedback_decisions_remain BEFORE DELETE ON feedback_decisions
BEGIN SELECT RAISE(ABORT, 'a decision about feedback is never deleted'); END;
