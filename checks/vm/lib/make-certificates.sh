# An authority for tests, and its certificate for live.test, two.test and authority.test: into the folder $1, with openssl.
set -eu
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $key -days 36500 -subj "/CN=Authority of the checks" -keyout authority.pem -out "$1/ca.crt"
openssl req $key -subj "/CN=live.test" -keyout "$1/key.pem" -out request.pem
echo "subjectAltName=DNS:live.test,DNS:two.test,DNS:authority.test" > extensions
openssl x509 -req -in request.pem -CA "$1/ca.crt" -CAkey authority.pem -set_serial 1 -days 36500 -extfile extensions -out "$1/certificate.pem"
