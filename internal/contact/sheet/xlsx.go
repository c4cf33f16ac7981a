package sheet

import (
	"io"

	"github.com/convoke/convoke/internal/errs"
)

func (t *Table) openWorkbook(r io.ReaderAt, size int64, o Options) error {
	return errs.E(errs.Invalid, "sheet.file.no_table")
}
