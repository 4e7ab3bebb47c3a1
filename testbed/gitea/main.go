// gitea is Gitea as it is, for tests: its own module cannot be installed by
// the Go toolchain, because of the modules that it replaces.
package main

import (
	"os"
	"time"

	"code.gitea.io/gitea/cmd"
	"code.gitea.io/gitea/modules/log"
	"code.gitea.io/gitea/modules/setting"
)

// version is set when it is built.
var version = "development"

func main() {
	setting.AppVer = version
	setting.AppStartTime = time.Now().UTC()
	app := cmd.NewMainApp(cmd.AppVersion{Version: version})
	_ = cmd.RunMainApp(app, os.Args...) // It ends the program itself if something failed.
	// What is queued is logged only then.
	log.GetManager().Close()
}
