package contact

import (
	"testing"

	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m, 20) }
