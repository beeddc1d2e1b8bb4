using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Weir.Node.Sqlite;

/// <summary>
/// Chooses SQLite's library: the system's <c>libsqlite3.so.0</c>, which the distribution keeps current, and the bundled
/// one where there is none or it is too old.
/// </summary>
/// <remarks>Call <see cref="Load"/> before the first connection.</remarks>
public static class SqliteNative
{
    private const string Bundled = "e_sqlite3";
    private const string System = "libsqlite3.so.0";

    // 3.35.0: what the bundled library is too, so that one set of SQL serves both.
    private const int VersionMin = 3_035_000;

    private static readonly Lazy<string> Version = new(LoadOnce);

    /// <summary>Loads the library; the first call decides, later ones do nothing.</summary>
    /// <returns>SQLite's version, such as <c>3.40.1</c>.</returns>
    public static string Load() => Version.Value;

    private static string LoadOnce()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return raw.sqlite3_libversion().utf8_to_string();
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Bundled || !NativeLibrary.TryLoad(System, out var library)) return 0;
        if (IsRecent(library)) return library;
        NativeLibrary.Free(library);
        return 0;
    }

    private static unsafe bool IsRecent(nint library) =>
        NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var version)
        && ((delegate* unmanaged<int>)version)() >= VersionMin;
}
