"""The app: pages that ask, call one public function and show what `drsim.report` returns; no arithmetic in them."""
