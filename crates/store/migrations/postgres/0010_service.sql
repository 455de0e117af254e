-- What a visit is for, where the guideline asks something of its own (care::Service).
ALTER TABLE consultation ADD COLUMN service TEXT NOT NULL DEFAULT 'care';
