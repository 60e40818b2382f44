"""What Threadline costs, measured on this machine as ratios within one run."""
