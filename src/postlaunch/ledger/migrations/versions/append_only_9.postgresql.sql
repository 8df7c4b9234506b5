CREATE TRIGGER effects_stay BEFORE UPDATE ON effects
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('what a decision did is never changed');

CREATE TRIGGER effects_remain BEFORE DELETE ON effects
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('what a decision did is never deleted');

CREATE TRIGGER effects_are_kept BEFORE TRUNCATE ON effects
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('what a decision did is never deleted');
