"""One module per stage of a build. A stage is a plain function that writes files into its work folder."""
