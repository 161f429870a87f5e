# SPDX-License-Identifier: Apache-2.0
# perl check_pages.pl FOLDER: every relative link of every page below FOLDER leads to a file or folder that is there, and the README
# names no script or folder of the source tree.
use strict;
use warnings;

my $folder = shift or die "expected a folder\n";
my ($pages, $links, @faults) = (0, 0);

# perl-base, which every Debian tree has, comes without File::Find.
sub check_below {
  my ($place) = @_;
  opendir(my $entries, $place) or die "$place: $!\n";
  for my $name (sort grep { !/^\./ } readdir $entries) {
    if (-d "$place/$name") { check_below("$place/$name"); }
    elsif ($name =~ /\.md$/) { check_page($place, $name); }
  }
}

sub check_page {
  my ($place, $name) = @_;
  open my $in, '<', "$place/$name" or die "$place/$name: $!\n";
  my $text = do { local $/; <$in> };
  $pages++;
  (my $outside_code = $text) =~ s/^```.*?^```//gms;
  while ($outside_code =~ /\]\(([^()\s]+)\)/g) {
    my $link = $1;
    next if $link =~ /^[a-z]+:/ || $link =~ /^#/;
    $links++;
    (my $target = $link) =~ s/#.*//;
    push @faults, "$place/$name: $link is not there" unless -e "$place/$target";
  }
  check_words("$place/$name", $text) if "$place/$name" eq "$folder/README.md";
}

sub check_words {
  my ($page, $text) = @_;
  for my $word ('./quickstart', './check', 'scripts/', 'build/release', 'CONTRIBUTING', 'cmake --preset', 'src/') {
    push @faults, "$page: names $word, which is not installed" if index($text, $word) >= 0;
  }
}

check_below($folder);
die "$folder has no README.md\n" unless -e "$folder/README.md";
die join("\n", @faults) . "\n" if @faults;
print "$pages pages, $links links\n";
die "no links were found\n" unless $links > 20;
