"""Map the tables with SDM-RDFizer: python by_rdfizer.py TABLES OUTPUT."""

import sys
from pathlib import Path

from rdfizer import semantify

if __name__ == "__main__":
    tables, output = Path(sys.argv[1]), Path(sys.argv[2])
    config = output.with_suffix(".ini")
    config.write_text(
        f"[default]\nmain_directory: {tables}\n[datasets]\nnumber_of_datasets: 1\noutput_folder: {output.parent}\n"
        f"all_in_one_file: yes\nremove_duplicate: yes\nenrichment: yes\nname: {output.stem}\n"
        "ordered: no\nlarge_file: false\noutput_format: n-triples\n"
        f"[dataset1]\nname: {output.stem}\nmapping: {tables / 'mapping-templates.ttl'}\n"
    )
    # Its log would otherwise be written wherever the program is started.
    semantify(str(config), log_path=str(output.with_suffix(".log")))
