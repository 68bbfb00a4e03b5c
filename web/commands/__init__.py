"""What `vraagbaak` can be told to do, a file for each kind of work; web/cli.py knows them all."""
