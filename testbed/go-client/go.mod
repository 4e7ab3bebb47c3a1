module go-client

go 1.24
