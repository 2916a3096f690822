"""What a PBX reports about itself, as a proposal for the settings and users.

Entry points: ``pbx_lists.PbxLists`` takes the rows of AMI lists, ``proposal.propose`` derives
trunks, people with phones, lines and queues, ``settings_file`` writes the settings. Pure: ``app``
reads the PBX and stores what was confirmed. Every text of the PBX is untrusted.
"""
