using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks one required symbol version of an ELF library as weak (VER_FLG_WEAK), so that the loader starts the library on a system whose
/// provider lacks that version. Does nothing where the provider has it. Writes a new file: hard links to the old one stay as they were.
/// </summary>
public sealed class WeakenVersionNeed : Task
{
    private const uint SectionTypeVersionNeeds = 0x6ffffffe;
    private const ushort FlagWeak = 0x2;

    /// <summary>The 64-bit little-endian ELF library to change.</summary>
    [Required]
    public string Path { get; set; }

    /// <summary>The symbol version, for example GLIBCXX_3.4.32.</summary>
    [Required]
    public string Version { get; set; }

    /// <summary>The file name of the library that should provide it, for example libstdc++.so.6.</summary>
    [Required]
    public string Provider { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        if (ProviderHasVersion())
        {
            return true;
        }

        var image = File.ReadAllBytes(Path);
        if (!SetWeak(image))
        {
            return !Log.HasLoggedErrors;
        }

        var written = File.GetLastWriteTimeUtc(Path);
        var temporary = Path + ".weak";
        File.WriteAllBytes(temporary, image);
        File.SetLastWriteTimeUtc(temporary, written);
        File.Delete(Path);
        File.Move(temporary, Path);
        Log.LogMessage(MessageImportance.Normal, "{0}: {1} is now needed weakly.", Path, Version);
        return true;
    }

    private bool ProviderHasVersion()
    {
        var wanted = Encoding.ASCII.GetBytes("\0" + Version + "\0");
        var folders = (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "")
            .Split(new[] { ':' }, StringSplitOptions.RemoveEmptyEntries)
            .Concat(new[] { "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib" });
        var file = folders.Select(folder => System.IO.Path.Combine(folder, Provider)).FirstOrDefault(File.Exists);
        return file != null && Contains(File.ReadAllBytes(file), wanted);
    }

    private static bool Contains(byte[] text, byte[] wanted)
    {
        var last = text.Length - wanted.Length;
        for (var at = Array.IndexOf(text, wanted[0]); at >= 0 && at <= last; at = Array.IndexOf(text, wanted[0], at + 1))
        {
            var length = 1;
            while (length < wanted.Length && text[at + length] == wanted[length])
            {
                length++;
            }

            if (length == wanted.Length)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sets the flag in the image; false when nothing had to be changed.</summary>
    private bool SetWeak(byte[] image)
    {
        if (image.Length < 64 || BitConverter.ToUInt32(image, 0) != 0x464c457f || image[4] != 2 || image[5] != 1)
        {
            Log.LogError("{0} is not a 64-bit little-endian ELF file.", Path);
            return false;
        }

        foreach (var section in Sections(image).Where(s => s.Type == SectionTypeVersionNeeds))
        {
            var names = Sections(image).ElementAt((int)section.Link).Offset;
            foreach (var entry in VersionNeeds(image, section.Offset))
            {
                if (TextAt(image, names + BitConverter.ToUInt32(image, entry + 8)) == Version)
                {
                    var flags = BitConverter.ToUInt16(image, entry + 4);
                    image[entry + 4] = (byte)(flags | FlagWeak);
                    return (flags & FlagWeak) == 0;
                }
            }
        }

        return false;
    }

    private struct Section
    {
        public uint Type;
        public uint Link;
        public long Offset;
    }

    private static IEnumerable<Section> Sections(byte[] image)
    {
        var table = BitConverter.ToInt64(image, 0x28);
        var size = BitConverter.ToUInt16(image, 0x3a);
        var count = BitConverter.ToUInt16(image, 0x3c);
        for (var i = 0; i < count; i++)
        {
            var at = (int)(table + i * size);
            yield return new Section
            {
                Type = BitConverter.ToUInt32(image, at + 4),
                Link = BitConverter.ToUInt32(image, at + 0x28),
                Offset = BitConverter.ToInt64(image, at + 0x18),
            };
        }
    }

    /// <summary>The file offsets of all Vernaux entries that follow the chain of Verneed entries from <paramref name="start"/>.</summary>
    private static IEnumerable<int> VersionNeeds(byte[] image, long start)
    {
        for (var need = (int)start; ;)
        {
            var entry = need + (int)BitConverter.ToUInt32(image, need + 8);
            for (var left = BitConverter.ToUInt16(image, need + 2); left > 0; left--)
            {
                yield return entry;
                entry += (int)BitConverter.ToUInt32(image, entry + 12);
            }

            var next = (int)BitConverter.ToUInt32(image, need + 12);
            if (next == 0)
            {
                yield break;
            }

            need += next;
        }
    }

    private static string TextAt(byte[] image, long offset)
    {
        var end = Array.IndexOf(image, (byte)0, (int)offset);
        return Encoding.ASCII.GetString(image, (int)offset, end - (int)offset);
    }
}
