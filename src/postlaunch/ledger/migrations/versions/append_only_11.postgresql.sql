CREATE TRIGGER handoffs_stay BEFORE UPDATE ON handoffs
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('what was handed on is never changed');

CREATE TRIGGER handoffs_remain BEFORE DELETE ON handoffs
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('what was handed on is never deleted');

CREATE TRIGGER handoffs_are_kept BEFORE TRUNCATE ON handoffs
FOR EACH STATEMENT EXECUTE FUNCTION postlaunch_stays('what was handed on is never deleted');
