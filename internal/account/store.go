package account

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of accounts.
func (Account) TableName() string { return "account" }

// TableName is the table of sessions.
func (Session) TableName() string { return "session" }

func (accountRole) TableName() string { return "account_role" }
func (signInToken) TableName() string { return "sign_in_token" }
func (apiToken) TableName() string    { return "api_token" }

func insertAccount(tx *db.Tx, a *Account) error { return tx.Gorm().Create(a).Error }

func insertRole(tx *db.Tx, r accountRole) error { return tx.Gorm().Create(&r).Error }

func accountByEmail(tx *db.Tx, email string) (Account, error) {
	return withRoles(tx, "email = ?", email)
}

func accountByID(tx *db.Tx, id int64) (Account, error) { return withRoles(tx, "id = ?", id) }

func withRoles(tx *db.Tx, where string, arg any) (Account, error) {
	var a Account
	if err := tx.Gorm().Where(where, arg).Take(&a).Error; err != nil {
		return Account{}, err
	}
	err := tx.Gorm().Model(&accountRole{}).Where("account_id = ?", a.ID).Order("role").Pluck("role", &a.Roles).Error
	return a, err
}

func listAccounts(tx *db.Tx) ([]Account, error) {
	var accounts []Account
	if err := tx.Gorm().Order("id").Find(&accounts).Error; err != nil {
		return nil, err
	}
	var roles []accountRole
	if err := tx.Gorm().Order("role").Find(&roles).Error; err != nil {
		return nil, err
	}
	byID := make(map[int64][]Role, len(accounts))
	for _, r := range roles {
		byID[r.AccountID] = append(byID[r.AccountID], r.Role)
	}
	for i := range accounts {
		accounts[i].Roles = byID[accounts[i].ID]
	}
	return accounts, nil
}

func insertSignIn(tx *db.Tx, t *signInToken) error { return tx.Gorm().Create(t).Error }

func countSignIns(tx *db.Tx, accountID int64, since time.Time) (int64, error) {
	var n int64
	err := tx.Gorm().Model(&signInToken{}).Where("account_id = ? and created_at > ?", accountID, since).Count(&n).Error
	return n, err
}

func signInByHash(tx *db.Tx, hash string) (signInToken, error) {
	var t signInToken
	return t, tx.Gorm().Where("hash = ?", hash).Take(&t).Error
}

// useSignIn says whether this call was the one that used the link up.
func useSignIn(tx *db.Tx, id int64, now time.Time) (bool, error) {
	n, err := tx.Exec("update sign_in_token set used_at = ? where id = ? and used_at is null", now, id)
	return n == 1, err
}

func insertSession(tx *db.Tx, s *Session) error { return tx.Gorm().Create(s).Error }

func sessionByHash(tx *db.Tx, hash string) (Session, error) {
	var s Session
	return s, tx.Gorm().Where("hash = ?", hash).Take(&s).Error
}

func touchSession(tx *db.Tx, id int64, now time.Time) error {
	_, err := tx.Exec("update session set last_seen_at = ? where id = ?", now, id)
	return err
}

func revokeSession(tx *db.Tx, hash string, now time.Time) (int64, error) {
	return tx.Exec("update session set revoked_at = ? where hash = ? and revoked_at is null", now, hash)
}

func revokeSessions(tx *db.Tx, accountID int64, now time.Time) (int64, error) {
	return tx.Exec("update session set revoked_at = ? where account_id = ? and revoked_at is null", now, accountID)
}

func insertAPIToken(tx *db.Tx, t *apiToken) error { return tx.Gorm().Create(t).Error }

func apiTokenByHash(tx *db.Tx, hash string) (apiToken, error) {
	var t apiToken
	return t, tx.Gorm().Where("hash = ? and revoked_at is null", hash).Take(&t).Error
}

func coordinatorCountries(tx *db.Tx, accountID int64) ([]string, error) {
	var codes []string
	err := tx.Gorm().Table("coordinator_country").Where("account_id = ?", accountID).Order("country").Pluck("country", &codes).Error
	return codes, err
}
