"""The app; start it with `drsim app`, or with `make app` in a source tree."""

if __name__ == "__main__":  # worker processes read this file, too, and show no pages
    from drsim.app.workshop import workshop

    workshop()  # its processes begin while the pages are read

    from drsim.app.main import main

    main()
