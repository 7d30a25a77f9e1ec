namespace Rubato.Models.DataSets;

/// <summary>A Debian package that holds data sets.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Licence">Its licence.</param>
/// <param name="Megabytes">About how much is fetched.</param>
/// <param name="Folder">Where the data lie in it, relative to the root.</param>
public sealed record DataPackage(string Name, string Licence, double Megabytes, string Folder);
