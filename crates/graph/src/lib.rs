//! Service graphs: fold a trace into nodes, edges and histograms.
