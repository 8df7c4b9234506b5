CREATE TRIGGER deployments_stay BEFORE UPDATE ON deployments
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('a deployment is never changed');

CREATE TRIGGER deployments_remain BEFORE DELETE ON deployments
FOR EACH ROW EXECUTE FUNCTION postlaunch_refuse_change('a deployment is never deleted');
