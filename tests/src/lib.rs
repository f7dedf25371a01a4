//! Parts that more than one test needs: a started server, a client, a folder of its own.
