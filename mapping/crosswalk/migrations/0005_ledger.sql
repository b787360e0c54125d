-- What was written into the sources' own records: the ledger of publish. The
-- checksum is over all of a row, and written anew whenever the row is settled.

CREATE TABLE IF NOT EXISTS @publication (
  source_no {int} NOT NULL,
  id_key {key} NOT NULL,
  run_no {big} NOT NULL,
  canonical {key} NOT NULL,
  state {small} NOT NULL,
  before_text {long} NOT NULL,
  had_before {small} NOT NULL,
  reason {long} NOT NULL,
  row_sum {big} NOT NULL,
  PRIMARY KEY (source_no, id_key, run_no)
){clustered};

CREATE INDEX xwalk_publication_run ON @publication (run_no,source_no,id_key);
