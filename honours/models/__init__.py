from honours.models.archiving import ArchiveRequest
from honours.models.certificates import Certificate, CertificateChange
from honours.models.library import Project

__all__ = ["ArchiveRequest", "Certificate", "CertificateChange", "Project"]
