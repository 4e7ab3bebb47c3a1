module github.com/DirtyCajunRice/subfilter

go 1.22
