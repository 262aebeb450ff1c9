// Package hubtest holds the tests of the house as a whole: who imports whom,
// that every route and socket message has a policy, the generated matrix of
// role, agency, state and route, and the generated pages of docs/.
package hubtest
