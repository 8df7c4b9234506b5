CREATE TRIGGER feedback_decisions_stay BEFORE UPDATE ON feedback_decisions
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('a decision about feedback is never changed');

CREATE TRIGGER feedback_decisions_remain BEFORE DELETE ON feedback_decisions
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('a decision about feedback is never deleted');
